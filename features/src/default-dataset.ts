import { fileURLToPath } from "node:url";

/** The diabetes study that comes with the program. */
export const DEFAULT_DATASET = fileURLToPath(new URL("../assets/diabetes.csv", import.meta.url));
