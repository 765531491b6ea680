import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** A page whose program is loaded when somebody first goes there. */
export function lazyPage(load: () => Promise<FunctionComponent>): FunctionComponent {
  let loaded: FunctionComponent | undefined;
  return function LazyPage() {
    const [Loaded, setLoaded] = useState(() => loaded);
    const [hasFailed, setFailed] = useState(false);
    useEffect(() => {
      if (loaded !== undefined) return;
      load().then(
        (page) => {
          loaded = page;
          setLoaded(() => page);
        },
        () => setFailed(true),
      );
    }, []);
    if (Loaded !== undefined) return <Loaded />;
    return hasFailed ? <NotLoaded /> : <p class="loading">Loading …</p>;
  };
}

/** The registry was upgraded since the console was opened, or is away. A browser remembers what it could not load. */
function NotLoaded() {
  return (
    <div role="alert" class="failure">
      <p>This page could not be loaded. The registry may have been upgraded meanwhile.</p>
      <button type="button" onClick={() => location.reload()}>
        Load the console again
      </button>
    </div>
  );
}
