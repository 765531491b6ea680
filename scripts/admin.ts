import '@mahilo/operator/main';
