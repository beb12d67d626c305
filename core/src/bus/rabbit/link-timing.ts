/** How long the parts of a link may take before it is given up. */
export interface LinkTiming {
  /** Seconds. A broker that is silent for two to three of them is given up, and so is an event loop that stands still for two. */
  readonly heartbeatS: number;
  /** Without it a server that accepts and stays silent hangs the handshake for ever. */
  readonly handshakeMs: number;
  /** For the queues, or the readers of a session. On a busy machine of two cores some seconds were seen. */
  readonly setUpMs: number;
  /** For the confirm of a message, while the broker is not under an alarm. */
  readonly confirmWithinMs: number;
}

const PATIENT: LinkTiming = { heartbeatS: 10, handshakeMs: 10_000, setUpMs: 30_000, confirmWithinMs: 30_000 };
/**
 * If another node can take over. A frozen node is given up after 12 s at most, one without a majority after 10 s; each of the others then
 * costs at most as much, and all of it together stays below half a minute unless two are lost at once.
 */
const BRISK: LinkTiming = { heartbeatS: 4, handshakeMs: 4_000, setUpMs: 10_000, confirmWithinMs: 10_000 };

/**
 * @param addresses - how many there are.
 * @param hasFailed - whether each was tried in vain: perhaps none is dead, and the machine is busy.
 */
export function timingOf(addresses: number, hasFailed: boolean): LinkTiming {
  if (addresses === 1) return PATIENT;
  return hasFailed ? { ...BRISK, handshakeMs: PATIENT.handshakeMs, setUpMs: PATIENT.setUpMs } : BRISK;
}
