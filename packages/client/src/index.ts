export type { Fetch } from './connection.ts';
export type { Acquaintance, VerifyOptions } from './encryption/acquaintances.ts';
export type { KeyStore } from './encryption/key-store.ts';
export type { Openable, Opened, Opening } from './encryption/opening.ts';
export type { Encrypted } from './encryption/outgoing.ts';
export type { EventsOptions, LiveEvent } from './events.ts';
export type { Delivery, InboxOptions } from './inbox.ts';
export {
  type Connected,
  type ConnectOptions,
  Mahilo,
  type MahiloOptions,
  type RegisterOptions,
  type RequestOptions,
} from './mahilo.ts';
export { type ErrorCode, MahiloError } from './mahilo-error.ts';
export type { components, paths } from './openapi.ts';
export { type CallbackMessage, type ReceiveOptions, receive } from './receive.ts';
export { registryUrl } from './registry-url.ts';
export { SeenDeliveries, type SeenStore } from './seen.ts';
export type { SendOptions, Sent } from './send.ts';
