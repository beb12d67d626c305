import type { Address, ConsumeOptions, Delivery, Message, Outcome, SubscribeOptions } from "../bus.js";
import type { PortedError } from "./ported-error.js";

/** What a bus in another thread asks for. `n` is the number of a question, `of` that of the question that began a subscription. */
export type Question =
  | { readonly is: "publish"; readonly n: number; readonly to: Address; readonly message: Message }
  | { readonly is: "broadcast"; readonly exchange: string; readonly message: Message }
  | { readonly is: "consume"; readonly n: number; readonly queue: string; readonly options: ConsumeOptions }
  | {
      readonly is: "subscribe";
      readonly n: number;
      readonly exchange: string;
      readonly subscriber: string;
      readonly most: SubscribeOptions["most"] | undefined;
    }
  | { readonly is: "drain"; readonly n: number; readonly queue: string; readonly most: number }
  | { readonly is: "depth" | "exists" | "remove"; readonly n: number; readonly queue: string }
  | { readonly is: "bind" | "unbind"; readonly n: number; readonly queue: string; readonly from: Address }
  | { readonly is: "end"; readonly n: number; readonly of: number }
  | { readonly is: "close"; readonly n: number }
  | { readonly is: "outcome"; readonly delivery: number; readonly outcome: Outcome }
  | { readonly is: "thrown"; readonly delivery: number; readonly error: PortedError };

/** What the thread that has the bus says. */
export type Reply =
  | { readonly is: "done"; readonly n: number; readonly value: number | undefined }
  | { readonly is: "failed"; readonly n: number; readonly error: PortedError }
  | { readonly is: "delivery"; readonly of: number; readonly number: number; readonly delivery: Delivery }
  | { readonly is: "notice"; readonly of: number; readonly delivery: Delivery }
  | { readonly is: "gap"; readonly of: number }
  | { readonly is: "link"; readonly connected: boolean; readonly isReading: boolean };
