export { until } from "./until.js";
export { startPrivatePostgres, type PrivatePostgres } from "./private-postgres.js";
