import { Copy } from './copy.tsx';

interface MadeLinkProps {
  made: { token: string; link?: string };
  /** The page that uses it. */
  path: string;
  forWhom: string;
}

/** A link that was just made, to be sent to somebody. The registry does not always know where it is reached; the browser does. */
export function MadeLink({ made: { token, link }, path, forWhom }: MadeLinkProps) {
  const address = link ?? `${location.origin}${path}#${token}`;
  return (
    <div class="card">
      <p>
        <strong>Your link.</strong> It is shown only now: send it to {forWhom}.
      </p>
      <p>
        <code>{address}</code>
      </p>
      <Copy text={address} what="the link" />
    </div>
  );
}
