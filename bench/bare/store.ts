export interface Body {
  recipient: string;
  message: string;
}

/** Stores a message and returns its id. */
export type Store = (body: Body) => string | Promise<string>;
