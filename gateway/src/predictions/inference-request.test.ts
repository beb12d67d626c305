import { describe, expect, test } from "vitest";
import { readInferenceRequest } from "./inference-request.js";
import { InferenceRequestError } from "./tensors.js";

const TENSOR = { name: "age", shape: [1], datatype: "FP64", data: [59] };
const one = (changed: object) => ({ inputs: [{ ...TENSOR, ...changed }] });

describe("an inference request", () => {
  test("has its tensors, and the names of a matrix's columns", () => {
    expect(readInferenceRequest({ id: "", parameters: { features: "age, sex" }, inputs: [TENSOR], outputs: [{ name: "y_pred" }] })).toEqual(
      {
        id: "",
        order: ["age", "sex"],
        tensors: [TENSOR],
        outputs: ["y_pred"],
      },
    );
  });

  test("may have null for all that is optional, and fields that the protocol does not have", () => {
    const inputs = [{ ...TENSOR, parameters: null, more: 1 }];
    const body = { id: null, parameters: null, inputs, outputs: null, more: {} };
    expect(readInferenceRequest(body)).toEqual({ id: undefined, order: undefined, tensors: [TENSOR] });
    const nulls = {
      parameters: { features: null, binary_data_output: null },
      inputs: [TENSOR],
      outputs: [{ name: "y_pred", parameters: null }],
    };
    expect(readInferenceRequest(nulls)).toEqual({ id: undefined, order: undefined, tensors: [TENSOR], outputs: ["y_pred"] });
  });

  const DATATYPE = "it is one of FP64, FP32, FP16, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, BOOL, BYTES.";
  const SHAPE = "it is [rows] or [rows, features], whole numbers of at least 1.";
  const EXAMPLE = 'as in {"inputs": [{"name": "age", "shape": [1], "datatype": "FP64", "data": [59]}]}.';
  const BINARY = "tensors go as JSON only, their values in data. Turn binary data off.";

  test.each([
    [null, 'The body is a JSON object such as {"inputs": [{"name": "age", "shape": [1], "datatype": "FP64", "data": [59]}]}.'],
    [{}, `inputs is missing: send at least one tensor, ${EXAMPLE}`],
    [{ inputs: null }, `inputs is null: send at least one tensor, ${EXAMPLE}`],
    [{ inputs: [] }, `inputs is empty: send at least one tensor, ${EXAMPLE}`],
    [{ inputs: [7] }, "inputs[0] is 7: it is an object with name, shape, datatype and data."],
    [{ id: 42, inputs: [TENSOR] }, "id is 42: it is a text of at most 1024 characters."],
    [{ parameters: [], inputs: [TENSOR] }, "parameters is an array: it is an object."],
    [one({ name: undefined }), "inputs[0].name is missing: it is the feature's name, a text of 1 to 256 characters."],
    [one({ name: "" }), 'inputs[0].name is "": it is the feature\'s name, a text of 1 to 256 characters.'],
    [one({ datatype: undefined }), `inputs[0].datatype is missing: ${DATATYPE}`],
    [one({ datatype: null }), `inputs[0].datatype is null: ${DATATYPE}`],
    [one({ datatype: "FLOAT" }), `inputs[0].datatype is "FLOAT": ${DATATYPE}`],
    [one({ datatype: "toString" }), `inputs[0].datatype is "toString": ${DATATYPE}`],
    [one({ shape: undefined }), `inputs[0].shape is missing: ${SHAPE}`],
    [one({ shape: [] }), `inputs[0].shape is []: ${SHAPE}`],
    [one({ shape: [-1, 10] }), `inputs[0].shape is [-1,10]: ${SHAPE}`],
    [one({ shape: [0] }), `inputs[0].shape is [0]: ${SHAPE}`],
    [one({ shape: [1.5] }), `inputs[0].shape is [1.5]: ${SHAPE}`],
    [one({ shape: ["1"] }), `inputs[0].shape is ["1"]: ${SHAPE}`],
    [one({ shape: [1, 2, 3] }), `inputs[0].shape is [1,2,3]: ${SHAPE}`],
    [one({ shape: [2 ** 64] }), `inputs[0].shape is [18446744073709552000]: ${SHAPE}`],
    [one({ data: undefined }), "inputs[0].data is missing: it is a list of values."],
    [one({ data: 59 }), "inputs[0].data is 59: it is a list of values."],
    [{ inputs: [TENSOR], outputs: {} }, 'outputs is an object: it is a list such as [{"name": "y_pred"}].'],
    [{ inputs: [TENSOR], outputs: [{ name: "proba" }] }, 'outputs[0].name is "proba": the outputs are y_pred, y_pred_low, y_pred_high.'],
    [{ inputs: [TENSOR], outputs: [{}] }, "outputs[0].name is missing: the outputs are y_pred, y_pred_low, y_pred_high."],
    [
      { inputs: [TENSOR], parameters: { features: "age,,sex" } },
      'parameters.features is "age,,sex": it is a text with different names, such as "age,sex,bmi".',
    ],
    [
      { inputs: [TENSOR], parameters: { features: "age,age" } },
      'parameters.features is "age,age": it is a text with different names, such as "age,sex,bmi".',
    ],
    [one({ data: undefined, parameters: { binary_data_size: 8 } }), `inputs[0].parameters.binary_data_size is 8: ${BINARY}`],
    [{ inputs: [TENSOR], parameters: { binary_data_output: true } }, `parameters.binary_data_output is true: ${BINARY}`],
    [
      { inputs: [TENSOR], outputs: [{ name: "y_pred", parameters: { binary_data: true } }] },
      `outputs[0].parameters.binary_data is true: ${BINARY}`,
    ],
  ])("%j is refused", (body, complaint) => {
    expect(() => readInferenceRequest(body)).toThrow(new InferenceRequestError(complaint));
  });
});
