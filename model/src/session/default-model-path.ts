import { fileURLToPath } from "node:url";

/** Absolute path of the model that runs when no other is chosen; the same from `src` and from `dist`. */
export const defaultModelPath = fileURLToPath(new URL("../../assets/diabetes.onnx", import.meta.url));
