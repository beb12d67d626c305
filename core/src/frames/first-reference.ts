import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import type { Delivery, Message } from "../bus/bus.js";
import { isReferenceJson, ReferenceSchema } from "../drift/reference.js";
import { jsonMessage } from "./json-message.js";

/** The `type` property of a proposal, and of what answers it. */
export const REFERENCE_PROPOSAL_TYPE = "reference_proposal";
export const FIRST_REFERENCE_TYPE = "first_reference";

const ofVersion = { lane: Type.String(), model: Type.String({ minLength: 1, maxLength: 256, description: "The model version." }) };

/** What the bodies must look like; JSON Schema. */
export const referenceProposalSchema = Type.Object(
  { ...ofVersion, reference: Type.Optional(ReferenceSchema) },
  {
    description:
      "Asks for the frozen reference of a model version without one of its own; with `reference`: and proposes that of its first rows.",
  },
);
export const firstReferenceSchema = Type.Object(
  { ...ofVersion, reference: ReferenceSchema },
  { description: "The frozen reference of a model version, from its first rows." },
);
export type ReferenceProposal = Static<typeof referenceProposalSchema>;
export type FirstReference = Static<typeof firstReferenceSchema>;
const proposals = Compile(referenceProposalSchema);

export function writeReferenceProposal(proposal: ReferenceProposal): Message {
  return noticeOf(REFERENCE_PROPOSAL_TYPE, proposal);
}

export function writeFirstReference(reference: FirstReference): Message {
  return noticeOf(FIRST_REFERENCE_TYPE, reference);
}

function noticeOf(type: string, body: ReferenceProposal): Message {
  return jsonMessage(type, JSON.stringify(body));
}

/** The proposal in a message; undefined if it is none. It is sent again until it is answered, so a bad one is passed over. */
export function readReferenceProposal(delivery: Delivery): ReferenceProposal | undefined {
  return delivery.type === REFERENCE_PROPOSAL_TYPE ? bodyOf(delivery) : undefined;
}

/** The frozen reference in a message; undefined if it is none. It can be asked for again, so a bad one is passed over. */
export function readFirstReference(delivery: Delivery): FirstReference | undefined {
  const body = delivery.type === FIRST_REFERENCE_TYPE ? bodyOf(delivery) : undefined;
  return body?.reference === undefined ? undefined : { ...body, reference: body.reference };
}

function bodyOf({ body }: Delivery): ReferenceProposal | undefined {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    if (!proposals.Check(value)) return undefined;
    return value.reference === undefined || isReferenceJson(value.reference) ? value : undefined;
  } catch {
    return undefined;
  }
}
