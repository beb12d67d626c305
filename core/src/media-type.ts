/** The content type of JSON. */
export const JSON_TYPE = "application/json";

/** A content type without its parameters, in lower case; undefined if there is none. Media types are compared in this form (RFC 9110, 8.3.1). */
export function mediaTypeOf(contentType: string | undefined): string | undefined {
  return contentType?.split(";", 1)[0]?.trim().toLowerCase();
}
