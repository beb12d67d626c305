/** With a full stop at its end, which what the system or a library says may have or not. */
export function sentence(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}
