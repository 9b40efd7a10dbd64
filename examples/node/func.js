const fdk = require('@fnproject/fdk');

// The same function answers /invoke and, through its trigger, plain HTTP requests.
fdk.handle((input, context) => {
  const request = context.httpGateway;
  if (request.method) {
    request.setResponseHeader('X-Served-By', 'node');
    if (!input.name) request.statusCode = 201;
  }
  return { message: `Hello ${input.name || 'World'}` };
}, { inputMode: 'json' });
