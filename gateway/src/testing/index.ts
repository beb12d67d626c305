export { startPrivatePostgres, type PrivatePostgres } from "./private-postgres.js";
