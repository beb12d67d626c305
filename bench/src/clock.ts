/** Now, in ms, on a clock that all processes of a machine share and that is never adjusted. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
