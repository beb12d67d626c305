import { join } from "node:path";
import type { BenchCase } from "../case/bench-cases.js";
import type { Material } from "../case/material.js";
import { CommitWatch } from "./commit-watch.js";
import { ServiceProcess, type ServiceName } from "./service-process.js";

export interface PipelineOptions {
  readonly amqpUrl: string;
  readonly logsDir: string;
  readonly material: Material;
  readonly models: number;
  /** Of the lane, each with a metrics process of its own. Default: 1. */
  readonly partitions?: number | undefined;
  /** Folder for V8's profiles, with a folder for each service; undefined: they are not profiled. */
  readonly profiles: string | undefined;
}

/** The services behind the source, in processes of their own, ready for rows. */
export class Pipeline {
  readonly processes: ServiceProcess[] = [];
  readonly #options: PipelineOptions;
  readonly #failed = new AbortController();
  #watch: CommitWatch | undefined;

  private constructor(options: PipelineOptions) {
    this.#options = options;
  }

  /** @throws ServiceFailedError */
  static async start(options: PipelineOptions): Promise<Pipeline> {
    const pipeline = new Pipeline(options);
    try {
      const { partitions = 1 } = options;
      for (let index = 1; index <= partitions; index += 1) pipeline.#start("metrics", partitions === 1 ? {} : { PARTITION: String(index) });
      pipeline.#start("plot");
      for (let i = 0; i < options.models; i += 1) pipeline.#start("model");
      await Promise.all(pipeline.processes.map((process) => process.ready()));
      pipeline.#watch = await CommitWatch.open(options.logsDir, pipeline.signal, partitions);
      return pipeline;
    } catch (error) {
      pipeline.kill();
      throw error;
    }
  }

  #start(name: ServiceName, settings: Readonly<Record<string, string>> = {}): ServiceProcess {
    const { amqpUrl, logsDir, material, profiles, partitions = 1 } = this.#options;
    const files = { LOGS_DIR: logsDir, MODEL_PATH: material.modelPath, DATASET_PATH: material.datasetPath };
    const all = { AMQP_URL: amqpUrl, ...files, PARTITIONS: String(partitions), ...settings };
    const process = new ServiceProcess(name, all, profiles === undefined ? undefined : join(profiles, name));
    process.ended.catch((error: unknown) => this.#failed.abort(error));
    this.processes.push(process);
    return process;
  }

  /** Starts the real source, at full speed. */
  startSource({ frameRows, frameFormat }: BenchCase, rows: number): ServiceProcess {
    return this.#start("features", {
      ROWS_PER_SECOND: "0",
      ROW_LIMIT: String(rows),
      FRAME_ROWS: String(frameRows),
      FRAME_FORMAT: frameFormat,
    });
  }

  /** Aborted, with the reason, when a service fails. */
  get signal(): AbortSignal {
    return this.#failed.signal;
  }

  get watch(): CommitWatch {
    if (this.#watch === undefined) throw new Error("The pipeline is not started.");
    return this.#watch;
  }

  /** The end of what each service said. */
  get lastWords(): string {
    return this.processes.map(({ name, output }) => `--- ${name}\n${output.trimEnd()}`).join("\n");
  }

  /** Ends all services, the last started first; the source must have ended. @throws ServiceFailedError */
  async stop(): Promise<void> {
    await this.#watch?.close();
    for (const process of this.processes.toReversed()) await process.stop();
  }

  /** Ends all services at once, however they are. */
  kill(): void {
    for (const process of this.processes) process.kill();
  }
}
