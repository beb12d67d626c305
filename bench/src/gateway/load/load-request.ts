import { DIABETES_PRED } from "@streamgauge/testing";
import { isClose } from "../waited-predictions.js";
import { studyRows } from "../study-rows.js";

/** What clients ask for. */
export type RequestName = "predictions" | "infer-1" | "infer-256";

/** One kind of request, and what its right answer is. */
export interface LoadRequest {
  readonly path: string;
  /** Rows of one request. */
  readonly rows: number;
  /** The body of the request with this number; its rows are the study's, round and round. @param id - unique. */
  body(n: number, id: string): string;
  /** Whether an answer has the id of that request, and for each of its rows the prediction that scikit-learn has for it. */
  isRight(answer: string, n: number, id: string): boolean;
}

/** @returns the kind of that name. */
export function loadRequest(name: RequestName): LoadRequest {
  if (name === "predictions") return predictions();
  return inference(name === "infer-1" ? 1 : 256);
}

function predictions(): LoadRequest {
  const features = studyRows().features.map((row) => JSON.stringify(row));
  return {
    path: "/predictions?wait=5",
    rows: 1,
    body: (n, id) => `{"id":"${id}","features":${features[n % features.length] ?? ""}}`,
    isRight: (answer, n, id) => {
      const { id: answered, y_pred: value }: { readonly id?: string; readonly y_pred?: number } = JSON.parse(answer);
      return answered === id && isClose(value, expected(n));
    },
  };
}

function inference(rows: number): LoadRequest {
  const { features } = studyRows();
  const names = Object.keys(features[0] ?? {});
  const cells = features.map((row) => Object.values(row).join(","));
  // Requests begin at each row of the study in turn, so there are as many bodies as rows.
  const inputs = cells.map((_, first) => {
    const data = Array.from({ length: rows }, (__, row) => cells[(first + row) % cells.length]).join(",");
    return `"parameters":{"features":"${names.join(",")}"},"inputs":[{"name":"rows","shape":[${rows},${names.length}],"datatype":"FP64","data":[${data}]}]}`;
  });
  return {
    path: "/v2/models/champion/infer",
    rows,
    body: (n, id) => `{"id":"${id}",${inputs[n % inputs.length] ?? ""}`,
    isRight: (answer, n, id) => {
      const { id: answered, outputs = [] }: { readonly id?: string; readonly outputs?: readonly { readonly data: readonly number[] }[] } =
        JSON.parse(answer);
      const data = outputs[0]?.data ?? [];
      return answered === id && data.length === rows && data.every((value, row) => isClose(value, expected(n + row)));
    },
  };
}

/** The prediction for a row of the study, counted round and round. */
function expected(row: number): number | undefined {
  return DIABETES_PRED[row % DIABETES_PRED.length];
}
