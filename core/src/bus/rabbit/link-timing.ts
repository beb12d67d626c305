/** How long the parts of a link may take before it is given up. */
export interface LinkTiming {
  /** Seconds. A broker that is silent for two to three of them is given up, and so is an event loop that stands still for two. */
  readonly heartbeatS: number;
  /** Without it a server that accepts and stays silent hangs the handshake for ever. */
  readonly handshakeMs: number;
  /** For the queues of a session, and for each reader. On a busy machine of two cores some seconds were seen. */
  readonly setUpMs: number;
  /** For the confirm of a message, while the broker is not under an alarm. */
  readonly confirmWithinMs: number;
  /** For a confirm after refusals; undefined: a full queue is all that they can mean. */
  readonly refusedWithinMs: number | undefined;
  /** For an answer that a node cannot give without a majority of its cluster; undefined: it is not asked for one. */
  readonly majorityWithinMs: number | undefined;
}

const PATIENT: LinkTiming = {
  heartbeatS: 10,
  handshakeMs: 10_000,
  setUpMs: 30_000,
  confirmWithinMs: 30_000,
  refusedWithinMs: undefined,
  majorityWithinMs: undefined,
};

/**
 * If another node can take over. A cluster with a net_ticktime of 10 s gives a silent node up after 12.5 s at most, and agrees on other
 * leaders within a second more (11.8 s in all were seen on 4.3.6). The limits are above that, so that the nodes that are left keep their
 * links; a link to the silent one moves on in time for rows to be logged again within half a minute.
 */
const BRISK: LinkTiming = {
  heartbeatS: 4,
  handshakeMs: 4_000,
  setUpMs: 15_000,
  confirmWithinMs: 15_000,
  refusedWithinMs: 3_000,
  majorityWithinMs: 14_000,
};

/**
 * @param addresses - how many there are.
 * @param hasFailed - whether each was tried in vain: perhaps none is dead, and the machine is busy.
 */
export function timingOf(addresses: number, hasFailed: boolean): LinkTiming {
  if (addresses === 1) return PATIENT;
  return hasFailed ? { ...BRISK, handshakeMs: PATIENT.handshakeMs, setUpMs: PATIENT.setUpMs } : BRISK;
}
