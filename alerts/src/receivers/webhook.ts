import type { HttpTarget } from "./http-target.js";
import { headOf } from "./notification-text.js";
import type { Notification, Receiver } from "./receiver.js";
import { signedHeaders } from "./signature.js";

/** Posts alerts as JSON, signed if there is a secret. */
export function webhook(target: HttpTarget, secret: string): Receiver {
  return {
    id: `webhook-${target.id}`,
    name: `webhook ${target.host}`,
    isLimited: true,
    async deliver(notification, signal) {
      const now = Date.now();
      const body = JSON.stringify(webhookBody(notification, now));
      await target.post(body, signal, signedHeaders(notification.id, Math.floor(now / 1000), body, secret));
    },
  };
}

/** What a webhook gets: `type`, when it was sent, and an alert or several in `data`. @param now - ms since 1970. */
export function webhookBody(notification: Notification, now: number) {
  const timestamp = new Date(now).toISOString();
  if (notification.kind === "alert") return { type: `alert.${notification.alert.state}`, timestamp, data: notification.alert };
  const { alerts, skipped } = notification;
  return { type: "alerts.summary", timestamp, data: { summary: headOf(notification), skipped, alerts } };
}
