/** Adds a full stop unless there is one. */
export function sentence(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}
