/** One of the operator's tools. @returns its exit code. @throws Error with a sentence for the operator. */
export type Command = (commandArguments: string[]) => Promise<number>;
