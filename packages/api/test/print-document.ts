import { testApp } from './test-app.ts';

// Prints the OpenAPI document for scripts/client-types.ts.
await using here = await testApp(() => ({}));
await here.app.ready();
console.log(JSON.stringify(here.app.swagger()));
