/**
 * Control, format and separator characters, halves of characters, and those that are drawn as nothing: fillers, selectors of variants, the
 * empty Braille pattern. Not those that join or part the characters of emoji and of some scripts (U+200C, U+200D).
 */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Text on one line in which every character is seen: those that are not, or that turn others around, are written as `\u202e`. */
export function printable(text: string): string {
  return text.replaceAll(UNSEEN, (character) => {
    const code = character.codePointAt(0)?.toString(16) ?? "";
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
  });
}
