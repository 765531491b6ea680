import { useEffect, useState } from 'preact/hooks';

const TOKEN = /^#([\w-]{43})$/;

function tokenHere(): string | undefined {
  return TOKEN.exec(location.hash)?.[1];
}

/** The token of a link that somebody came with. It stays behind the `#` until it is used: a reload must find it. */
export function useTokenHere(): string | undefined {
  const [token, setToken] = useState(tokenHere);
  useEffect(() => {
    const look = () => setToken(tokenHere());
    addEventListener('hashchange', look);
    return () => removeEventListener('hashchange', look);
  }, []);
  return token;
}
