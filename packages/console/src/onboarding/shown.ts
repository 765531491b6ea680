/** What is shown once, and kept nowhere but in the page until one leaves it. */
export interface Shown {
  key?: string;
  callbackSecret?: string;
}
