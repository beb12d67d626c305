import { at, setText } from "./dom.js";
import { ask } from "./jobs-client.js";
import { loginTarget } from "./login-target.js";

const message = at("message", HTMLElement);
const key = at("key", HTMLInputElement);

at("login", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  void logIn();
});
void goOnIfKnown();

/** A link from another site comes without the session's cookie; this page's own requests have it. */
async function goOnIfKnown(): Promise<void> {
  const answer = await fetch("/statistics", { headers: { accept: "application/json" } });
  if (answer.ok) location.replace(target());
}

async function logIn(): Promise<void> {
  try {
    const headers = { "content-type": "application/json" };
    await ask("/login", "", { method: "POST", headers, body: JSON.stringify({ key: key.value }) });
    location.replace(target());
  } catch (error) {
    setText(message, error instanceof Error ? error.message : String(error));
    message.className = "problem";
    key.select();
  }
}

function target(): string {
  return loginTarget(new URLSearchParams(location.search).get("to"), location.origin);
}
