import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser } from "playwright-core";

/** Starts the machine's Chromium, without a window. */
export function launchChromium(): Promise<Browser> {
  // Tests may run as root, and Chromium has no sandbox as root.
  return chromium.launch({ executablePath: chromiumPath(), args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

function chromiumPath(): string {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin", "/Applications/Chromium.app/Contents/MacOS"];
  const names = ["chromium", "chromium-browser", "google-chrome", "Chromium"];
  const found = folders.flatMap((folder) => names.map((name) => join(folder, name))).find((path) => existsSync(path));
  if (found === undefined) throw new Error('Chromium was not found: "npm test" installs it as root, or "apt-get install chromium".');
  return found;
}
