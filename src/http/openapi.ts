import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'

/** Collects the schemas of all routes into an OpenAPI 3.1 description (`app.swagger()`). */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Dingdong',
        version: '1',
        description:
          'Events in, messages out, and why. Instants are epoch milliseconds, money is minor units. Errors have one shape ' +
          'and a stable code; `Accept-Language` or `?lang=zh|en` chooses their language.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: 'An API key, dk_…, with the named scope' },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })
}
