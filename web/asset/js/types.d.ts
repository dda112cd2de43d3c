// Types that more than one script uses. They exist for the checker only.

/** Progress of a job, as the live channel sends it. */
interface Progress {
  done: number;
  total: number;
  unit: string;
  message: string;
  rate: number;
}

/** One step by which the page follows a committed change. */
interface Change {
  seq: number;
  target?: string;
  swap?: "replace" | "append" | "remove";
  html?: string;
}

/** The frames that the server sends to a page. */
type ServerFrame =
  | { type: "welcome"; epoch: string; cursor: number; expires_at: string }
  | { type: "reset"; epoch: string }
  | { type: "delta"; from: number; to: number; changes: Change[] }
  | { type: "progress"; job: string; progress: Progress }
  | { type: "purge"; epoch: string; reason: "logout" | "expired" | "revoked" };

interface TrustedHTML { readonly __trusted: "html" }
interface TrustedTypePolicy { createHTML(text: string): TrustedHTML }
interface Window {
  trustedTypes?: {
    createPolicy(name: string, rules: { createHTML(text: string): string }): TrustedTypePolicy;
  };
}
