/** Names and addresses as a URL has them in its normal form. Others could stand in it, too, and would be none of these. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.?|\[[0-9a-f:.]+\])(?::\d+)?$/;

/** The origin of PUBLIC_URL in its normal form, or why it is none. */
export interface PublicOrigin {
  origin?: string;
  mistake?: string;
}

/** Reads PUBLIC_URL: an https origin (RFC 6454), with or without a slash behind it. Neither, when it is not set. */
export function publicOriginOf(text: string | undefined): PublicOrigin {
  if (text === undefined) return {};
  const url = URL.parse(text);
  const isOrigin = url !== null && [url.origin, `${url.origin}/`].includes(url.href) && !/[?#]/.test(text);
  if (isOrigin && url.protocol === 'https:' && HOST.test(url.host)) return { origin: url.origin };
  return {
    mistake:
      'PUBLIC_URL must be an https origin, such as https://registry.example: without user name, path, query or fragment.',
  };
}
