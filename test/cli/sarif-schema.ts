/**
 * The part of the SARIF 2.1.0 schema (OASIS standard, 27 March 2020) that LayerLint's output uses, with the required
 * properties, value sets and minima of the standard, and closed against any other property.
 */
const message = {
  type: 'object',
  required: ['text'],
  properties: { text: { type: 'string' } },
  additionalProperties: false,
};
const artifactLocation = {
  type: 'object',
  properties: { uri: { type: 'string', format: 'uri-reference' }, uriBaseId: { type: 'string' } },
  additionalProperties: false,
};
const positive = { type: 'integer', minimum: 1 };
const region = {
  type: 'object',
  required: ['startLine'],
  properties: { startLine: positive, startColumn: positive, endLine: positive, endColumn: positive },
  additionalProperties: false,
};
const location = {
  type: 'object',
  required: ['physicalLocation'],
  properties: {
    id: { type: 'integer', minimum: -1 },
    physicalLocation: {
      type: 'object',
      required: ['artifactLocation'],
      properties: { artifactLocation, region },
      additionalProperties: false,
    },
    message,
  },
  additionalProperties: false,
};
const level = { enum: ['none', 'note', 'warning', 'error'] };
const list = (items: object, more: object = {}): object => ({ type: 'array', items, ...more });

const rule = {
  type: 'object',
  required: ['id'],
  properties: {
    id: { type: 'string' },
    shortDescription: message,
    helpUri: { type: 'string', format: 'uri' },
    defaultConfiguration: { type: 'object', properties: { level }, additionalProperties: false },
  },
  additionalProperties: false,
};
const fix = {
  type: 'object',
  required: ['artifactChanges'],
  properties: {
    description: message,
    artifactChanges: list(
      {
        type: 'object',
        required: ['artifactLocation', 'replacements'],
        properties: {
          artifactLocation,
          replacements: list(
            {
              type: 'object',
              required: ['deletedRegion'],
              properties: { deletedRegion: region, insertedContent: message },
              additionalProperties: false,
            },
            { minItems: 1 },
          ),
        },
        additionalProperties: false,
      },
      { minItems: 1, uniqueItems: true },
    ),
  },
  additionalProperties: false,
};
const result = {
  type: 'object',
  required: ['message'],
  properties: {
    ruleId: { type: 'string' },
    ruleIndex: { type: 'integer', minimum: -1 },
    level,
    message,
    locations: list(location),
    relatedLocations: list(location, { uniqueItems: true }),
    fixes: list(fix, { uniqueItems: true }),
    properties: { type: 'object' },
  },
  additionalProperties: false,
};
const notification = {
  type: 'object',
  required: ['message'],
  properties: { level, message, locations: list(location, { uniqueItems: true }) },
  additionalProperties: false,
};
const run = {
  type: 'object',
  required: ['tool'],
  properties: {
    tool: {
      type: 'object',
      required: ['driver'],
      properties: {
        driver: {
          type: 'object',
          required: ['name'],
          properties: {
            name: { type: 'string' },
            version: { type: 'string' },
            informationUri: { type: 'string', format: 'uri' },
            rules: list(rule, { uniqueItems: true }),
          },
          additionalProperties: false,
        },
      },
      additionalProperties: false,
    },
    columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
    originalUriBaseIds: { type: 'object', additionalProperties: artifactLocation },
    invocations: list({
      type: 'object',
      required: ['executionSuccessful'],
      properties: { executionSuccessful: { type: 'boolean' }, toolExecutionNotifications: list(notification) },
      additionalProperties: false,
    }),
    results: list(result),
  },
  additionalProperties: false,
};

export const sarifSchema = {
  type: 'object',
  required: ['version', 'runs'],
  properties: { $schema: { type: 'string', format: 'uri' }, version: { const: '2.1.0' }, runs: list(run) },
  additionalProperties: false,
};
