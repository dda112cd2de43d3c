// Types that more than one script uses. They exist for the checker only. Those of
// messages to and from Go are held to it by vectors (test/vectors.test.js).

/** Progress of a job, as the live channel sends it. */
interface Progress {
  done: number;
  total: number;
  unit: string;
  message: string;
  rate: number;
  bytes_done?: number;
  bytes_total?: number;
}

/** One step by which the page follows a committed change. */
interface Change {
  seq: number;
  entity: string;
  id: string;
  op: "put" | "del";
  target?: string;
  swap?: "replace" | "append" | "remove";
  html?: string;
}

/** The frames that the server sends to a page. */
type ServerFrame =
  | { type: "welcome"; epoch: string; cursor: number; expires_at: string; last_n: number }
  | { type: "reset"; epoch: string; cursor: number; expires_at: string; last_n: number }
  | { type: "delta"; from: number; to: number; changes: Change[] }
  | { type: "progress"; job: string; progress: Progress }
  | { type: "purge"; epoch: string; reason: "logout" | "expired" | "revoked" };

/** Why a tab, or a worker, has erased what this browser kept. */
type ErasedFor = "logout" | "expired" | "revoked" | "unknown";

/** How the worker's engine stands; see the Go package wasm/engine. */
interface Standing {
  ready: boolean;
  online: boolean;
  /** Not online yet, but nothing has failed either. */
  connecting?: boolean;
  cursor: number;
  bytes: number;
  rows: number;
  problem?: string;
  /** Whether there will be no copy; else one is being made. */
  none?: boolean;
  waiting: number;
  rejected: number;
  rejections?: Rejection[];
}

/** A change that was not made, and why. */
interface Rejection {
  id: number;
  name: string;
  made_at: string;
  detail: string;
}

/** What a page says to the engine: where it stands, or what its person asks for. */
type PageAsk =
  | { type: "follow"; epoch: string; cursor: number }
  | { type: "mutate"; mutate: MutateAsk }
  | { type: "dismiss"; dismiss: number }
  | { type: "kept"; kept: string[] };

/** The same with the name of the worker whose page is to hear the answer. */
type AskOfWorker = PageAsk & { page: string };

/** What the engine is asked for by an id, which its answer bears. */
interface DrawQuestion { id: string; path: string }

/** The engine's frames beside those of the live channel. */
type EngineFrame =
  | ({ type: "standing" } & Standing)
  | { type: "taken"; ask: string; n: number }
  | { type: "refused"; ask: string; code: string; detail: string }
  | { type: "kept"; tables: Record<string, "whole" | "part"> };

/** A change that a page asks the engine for. */
interface MutateAsk {
  ask: string;
  name: string;
  args: object;
}

/** What the engine says to it, or that it says nothing. */
interface ChangeAnswer {
  type: "taken" | "refused" | "silent";
  code?: string;
  detail?: string;
}

/** A page as the worker draws it; status 0 means that the server is to be asked. */
interface Drawn {
  status: number;
  html: string;
}

/** What the module offers the worker. */
interface Engine {
  ask(question: string): void;
  online(): void;
  draw(question: string): void;
  save(question: string): void;
  read(question: string): void;
  offered(job: string, manifest: string, content: number, waiting: boolean): void;
  gaveUp(upload: string): void;
}

/** A table that is saved, or why not. */
interface Saved {
  name: string;
  problem: string;
  content?: Blob;
}

/** A file that waits for the network, as it is written beside its bytes. */
interface PendingUpload {
  id: string;
  name: string;
  size: number;
  sha256: string;
  convert: boolean;
  options: object;
  job?: string;
  /** The job of several files, which comes after the last of them. */
  then?: { job: string; files: string[]; options: object };
  /** Why the server will not have it. */
  refused?: string;
}

/** What waits for the network, as the uploader tells all tabs. */
interface UploadReport {
  uploads: { id: string; name: string; size: number; sent: number; job?: string; refused?: string }[];
  done?: string;
}

/** What has not reached the server, as the worker that leads tells who asks. */
interface Waits {
  online: boolean;
  /** Of the outbox: what the server has not answered, and what it did not do. */
  changes: number;
  rejected: number;
  uploads: UploadReport["uploads"];
}

/** A file to go up. */
interface Chosen {
  file: File;
  /** Its name, below the folder's with which it was chosen. */
  path: string;
}

/** A folder to go up. */
interface ChosenFolder {
  name: string;
  files: Promise<Chosen[]>;
}

/** What a page asks of a worker that converts. */
interface ConversionOrder {
  ids: string[];
  files: Chosen[];
  job: string;
  convert: boolean;
  options: object;
  limits: object;
}

/** What is read like a file. */
type Readable = Pick<SyncAccessHandle, "getSize" | "read">;

/** Takes what the module writes of tables. */
type TableSink = (table: number, bytes: Uint8Array<ArrayBuffer>) => void;

/** What the module finds and says while it converts, as JSON; see wasm/convert_js.go. */
interface ConversionHost {
  job: string;
  key: string;
  log(text: string): void;
  files(text: string): void;
  progress(text: string): void;
  done(text: string): void;
  failed(text: string): void;
}

/** Documents that are converted; see the Go package wasm/converter. */
interface Finished {
  files: { path: string; status: string; error?: { line?: number; column?: number; message: string } }[];
  tables: { id: string; file: string; rows: number }[];
}

/** The same as the module hands it over, and as the manifest has it. */
interface Handed extends Finished {
  tables: { id: string; file: string; rows: number; number: number }[];
}

/** What the module is asked to convert. */
interface ConverterOrder {
  id: string;
  files: { id: string; name: string; sha256: string }[];
  convert: boolean;
  options: object;
  limits: object;
}

/** The first line of what is kept beside a conversion's tables. */
interface ManifestHeader { id: string; options: object; files: DroppedFile[] }

/** A dropped file as the server will know it. */
interface DroppedFile { id: string; name: string; size: number; sha256: string; kind: string }

/** Of a conversion; the checker's library for pages lacks the reader. */
interface ConversionProgress { Done: number; Total: number; Path: string; Bytes: number; TotalBytes: number }
declare class FileReaderSync { readAsArrayBuffer(blob: Blob): ArrayBuffer }

/** A synchronous access handle; the checker's library for pages lacks it. */
interface SyncAccessHandle {
  read(into: Uint8Array, options: { at: number }): number;
  write(from: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  getSize(): number;
  close(): void;
}
interface SyncAccessible extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<SyncAccessHandle>;
}

// What the module's runtime and the worker share, by Go's rules.
declare var Go: new () => {
  importObject: WebAssembly.Imports;
  exit: (code: number) => void;
  run(instance: WebAssembly.Instance): Promise<void>;
};
declare var fs: { writeSync(file: number, bytes: Uint8Array): number };
declare var retHost: {
  tell(page: string, frame: string): void;
  beat(): void;
  log(text: string): void;
  drawn(id: string, status: number, html: string): void;
  saved(id: string, name: string, type: string, problem: string, number: number): void;
  answered(id: string, status: number, body: string): void;
  offer(): void;
  fetch(question: string, path: string, then: (status: number, body: string) => void): void;
  settle(job: string): void;
  giveUp(uploads: string): void;
  rowBudget: number;
  key: string;
};

interface TrustedHTML { readonly __trusted: "html" }
interface TrustedTypePolicy { createHTML(text: string): TrustedHTML }
interface Window {
  trustedTypes?: {
    createPolicy(name: string, rules: { createHTML(text: string): string }): TrustedTypePolicy;
    createPolicy(name: string, rules: { createScriptURL(text: string): string }): { createScriptURL(text: string): object };
  };
}

// What the service worker has; the checker's library for pages lacks it.
interface ExtendableEvent extends Event { waitUntil(work: Promise<unknown>): void }
interface InstallEvent extends ExtendableEvent { addRoutes?(route: { condition: object; source: string }): void }
interface FetchEvent extends ExtendableEvent { request: Request; respondWith(answer: Promise<Response>): void }
interface ServiceWorkerGlobalScope {
  addEventListener(kind: "install", listener: (event: InstallEvent) => void): void;
  addEventListener(kind: "activate", listener: (event: ExtendableEvent) => void): void;
  addEventListener(kind: "fetch", listener: (event: FetchEvent) => void): void;
  addEventListener(kind: "message", listener: (event: MessageEvent) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
}
