/** Where to go on after the login, as a URL; never another site. @param to - as the query has it. @param origin - of this site. */
export function loginTarget(to: string | null, origin: string): string {
  const target = URL.canParse(to ?? "/", origin) ? new URL(to ?? "/", origin) : undefined;
  // The whole URL: a path alone may begin with //, which names another site.
  return target?.origin === origin ? target.href : "/";
}
