import { describeBus } from "../contract/describe-bus.js";

describeBus("in memory", () => "memory:contract");
