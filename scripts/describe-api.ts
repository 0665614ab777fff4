import swagger, { type SwaggerTransformObject } from '@fastify/swagger'
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
    transformObject: (document) => {
      const whole: ReturnType<SwaggerTransformObject> = jsonSchemaTransformObject(document)
      return withoutUnused(whole as Described) as typeof whole
    },
  })
}

interface Described {
  readonly paths?: object
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> }
}

/** Every schema is made twice, as input and as output; only what something refers to is worth a reader's time. */
function withoutUnused<D extends Described>(document: D): D {
  const { components } = document
  if (!components?.schemas) return document
  const text = JSON.stringify(document)
  const used = Object.entries(components.schemas).filter(([name]) =>
    text.includes(`"#/components/schemas/${name}"`),
  )
  // By name: in the order in which files happened to be loaded they would move about.
  used.sort(([a], [b]) => (a < b ? -1 : 1))
  return { ...document, components: { ...components, schemas: Object.fromEntries(used) } }
}
