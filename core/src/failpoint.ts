/**
 * Kills this process, without any clean-up, at a named place: `FAILPOINT=name` or `FAILPOINT=name:3` for the third
 * time that the place is passed. For tests of recovery; without the variable a failpoint costs one comparison.
 */
export function failpoint(name: string): void {
  if (name !== wanted) return;
  remaining -= 1;
  if (remaining === 0) process.kill(process.pid, "SIGKILL");
}

const [wanted = "", times = "1"] = (process.env["FAILPOINT"] ?? "").split(":");
let remaining = Number(times);
