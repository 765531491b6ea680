/** The body of a callback, as far as an agent of this demo reads it. */
export interface Callback {
  message_id: string;
  sender: string;
  message: string;
  correlation_id?: string;
  in_response_to?: string;
  /** Of a message to a group. */
  group_id?: string;
}
