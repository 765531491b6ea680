/** Where the lines of several processes go, and what is to be said beside them. */
export interface MemberLog {
  line(name: string, line: string): void;
  /** What does not come from one of the processes. */
  say(text: string): void;
}
