// The classes of disagreement with @cloud-copilot/iam-simulate. Each rewrites a case so that a rule of AWS's which the
// package does not know is spelt out for it: if it then answers as the engine does, that rule is the reason.
// docs/reference/policy-differences.md has a section of the same name for each, with the page of AWS's that decides.

import { isIP } from 'node:net'

const everything = { Effect: 'Allow', Action: '*', Resource: '*' }
const list = (value) => (Array.isArray(value) ? value : [value])
const isList = (value) => Array.isArray(value)

/** Every policy document of a case. */
function documents(simulation) {
  const kinds = ['identityPolicies', 'permissionBoundaryPolicies', 'vpcEndpointPolicies']
  const levels = [...simulation.serviceControlPolicies, ...simulation.resourceControlPolicies]
  const named = [...kinds.flatMap((kind) => simulation[kind] ?? []), ...levels.flatMap(({ policies }) => policies)]
  return [...named.map(({ policy }) => policy), simulation.sessionPolicy, simulation.resourcePolicy].filter(Boolean)
}

const statements = (simulation) => documents(simulation).flatMap(({ Statement }) => Statement)

/** The request's value of a key, whose name compares without case. */
function valueOf(simulation, key) {
  const known = Object.entries(simulation.request.contextVariables)
  return known.find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1]
}

const isAbsent = (value) => value === undefined || (isList(value) && value.length === 0)

/** Rewrites conditions: `change` answers the operator, values and key that take the place of one; nothing drops it. */
function changeConditions(simulation, change) {
  for (const statement of statements(simulation)) {
    const changed = {}
    for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
      for (const [key, values] of Object.entries(keys)) {
        const [newOperator, newValues, newKey] = change(operator, key, list(values)) ?? []
        if (newOperator) (changed[newOperator] ??= {})[newKey ?? key] = newValues
      }
    }
    if (statement.Condition) statement.Condition = changed
  }
}

/** A condition that fails: no case says whether a service calls for its caller. */
const never = ['Null', ['false'], 'aws:ViaAWSService']

const home = (simulation) => simulation.request.resource.accountId === '111111111111'

export const differences = {
  'The root user needs no identity policy': (simulation) => {
    if (String(simulation.request.principal).endsWith(':root')) {
      simulation.identityPolicies = [{ name: 'root', policy: { Version: '2012-10-17', Statement: [everything] } }]
    }
  },

  'A session that is named itself is not limited by its session policy': (simulation) => {
    const { principal } = simulation.request
    const names = (named) => named === '*' || list(named?.AWS ?? []).some((name) => name === '*' || name === principal)
    const denies = ({ Effect }) => Effect === 'Deny'
    const direct = (statement) => !denies(statement) && names(statement.Principal)
    const { sessionPolicy, resourcePolicy } = simulation
    if (!sessionPolicy || !home(simulation) || !resourcePolicy?.Statement.some(direct)) return
    // Only what names the session is left to allow.
    resourcePolicy.Statement = resourcePolicy.Statement.filter((statement) => denies(statement) || direct(statement))
    for (const { policy } of simulation.identityPolicies) policy.Statement = policy.Statement.filter(denies)
    simulation.identityPolicies = simulation.identityPolicies.filter(({ policy }) => policy.Statement.length)
    sessionPolicy.Statement.push(everything)
  },

  'IfExists counts with ForAnyValue too': (simulation) => {
    changeConditions(simulation, (operator, key, values) => {
      const fulfilled = /^ForAnyValue:.*IfExists$/.test(operator) && isAbsent(valueOf(simulation, key))
      return fulfilled ? undefined : [operator, values]
    })
  },

  'A key without values is absent': (simulation) => {
    const { contextVariables } = simulation.request
    for (const [key, value] of Object.entries(contextVariables)) {
      if (isList(value) && value.length === 0) delete contextVariables[key]
    }
  },

  'An empty string is no value to a set operator or to Null': (simulation) => {
    changeConditions(simulation, (operator, key, values) => {
      if (!/:|^Null$/.test(operator) || valueOf(simulation, key) !== '') return [operator, values]
      if (operator === 'Null') return values.map(String).includes('true') ? undefined : never
      const fulfilled = operator.startsWith('ForAllValues:') || operator.endsWith('IfExists')
      return fulfilled ? undefined : never
    })
  },

  'A list of one value is one value': (simulation) => {
    changeConditions(simulation, (operator, key, values) => {
      const value = valueOf(simulation, key)
      const single = isList(value) && value.length === 1 && !operator.includes(':') && operator !== 'Null'
      return [single ? `ForAnyValue:${operator}` : operator, values]
    })
  },

  'Variables are plain text in version 2008-10-17': (simulation) => {
    const plain = (value) => JSON.parse(JSON.stringify(value).replaceAll('${', '{'))
    for (const document of documents(simulation)) {
      if (document.Version === '2008-10-17') document.Statement = plain(document.Statement)
    }
  },

  'A variable without value equals nothing': (simulation) => {
    const unknown = (text) => {
      const name = /\$\{(aws:[^,}]*)\}/.exec(text)?.[1]
      return name !== undefined && isAbsent(valueOf(simulation, name))
    }
    for (const statement of statements(simulation)) {
      if (!statement.NotResource?.some(unknown)) continue
      const known = statement.NotResource.filter((text) => !unknown(text))
      if (known.length) statement.NotResource = known
      else {
        delete statement.NotResource
        statement.Resource = '*'
      }
    }
    changeConditions(simulation, (operator, key, values) => {
      if (!/^(\w+:)?(String|Arn)Not/.test(operator)) return [operator, values]
      const known = values.filter((text) => !unknown(text))
      const fails = !operator.includes(':') && isList(valueOf(simulation, key)) && valueOf(simulation, key).length > 1
      return known.length || fails ? [operator, known.length ? known : values] : undefined
    })
  },

  'A variable may be an empty string': (simulation) => {
    const value = (written, name) => (valueOf(simulation, name) === '' ? '' : written)
    const resolved = (text) => text.replace(/\$\{(aws:[^,}]*)\}/, value)
    changeConditions(simulation, (operator, key, values) => [operator, values.map(resolved)])
  },

  'Escapes are read by every string operator': (simulation) => {
    const literal = (text) => text.replaceAll('${*}', '*')
    changeConditions(simulation, (operator, key, values) => {
      return [operator, /String(Not)?Equals/.test(operator) ? values.map(literal) : values]
    })
  },

  'Seconds since 1970 are a date': (simulation) => {
    const seconds = (text) => (/^\d+$/.test(text) ? text : String(Date.parse(text) / 1000))
    changeConditions(simulation, (operator, key, values) => {
      const compared = /^(\w+:)?Date/.test(operator) && /^\d+$/.test(valueOf(simulation, key))
      return [operator, compared ? values.map(seconds) : values]
    })
  },

  'Text that begins with a number is no number': (simulation) => {
    changeConditions(simulation, (operator, key, values) => {
      const found = valueOf(simulation, key)
      const misread = typeof found === 'string' && /^[0-9]/.test(found) && Number.isNaN(Number(found))
      return /^(\w+:)?Numeric(?!Not)/.test(operator) && misread ? never : [operator, values]
    })
  },

  'A negated operator holds where nothing can be compared': (simulation) => {
    const isArn = (text) => /^arn(:[^:]*){4}:./.test(text)
    const kinds = {
      ArnNot: isArn,
      NumericNot: (text) => text !== '' && Number.isFinite(Number(text)),
      DateNot: (text) => /^\d+$/.test(text) || /^\d{4}-\d\d-\d\d/.test(text),
      NotIp: (text) => isIP(text) !== 0,
    }
    changeConditions(simulation, (operator, key, values) => {
      const [, set, kind] = /^(\w+:)?(ArnNot|NumericNot|DateNot|NotIp)/.exec(operator) ?? []
      const found = valueOf(simulation, key)
      if (!kind || isAbsent(found) || (isList(found) && found.length > 1 && !set)) return [operator, values]
      const families = list(found).map(isIP)
      const comparable = (text) => {
        if (kind === 'ArnNot') return isArn(text)
        return kind !== 'NotIp' || families.includes(isIP(text.split('/')[0]))
      }
      const known = values.filter(comparable)
      return list(found).some(kinds[kind]) && known.length ? [operator, known] : undefined
    })
  },

  'NotPrincipal with Deny spares only who is named wholly': (simulation) => {
    const principal = String(simulation.request.principal)
    const account = ['111111111111', 'arn:aws:iam::111111111111:root']
    const parts = [account, account.includes(principal) ? account : [principal]]
    if (principal.includes(':assumed-role/')) parts.push(['arn:aws:iam::111111111111:role/dev'])
    const spared = (names) => names.includes('*') || parts.every((part) => part.some((name) => names.includes(name)))
    for (const statement of statements(simulation)) {
      if (statement.Effect !== 'Deny' || !statement.NotPrincipal?.AWS) continue
      const wholly = !simulation.permissionBoundaryPolicies && spared(list(statement.NotPrincipal.AWS))
      if (!wholly) statement.NotPrincipal = { AWS: 'arn:aws:iam::999999999999:user/nobody' }
    }
  },
}
