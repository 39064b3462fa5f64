// One topic for all runs; sqlfleet makes a subscription per run, so the tier is Standard at least.
param location string
param tags object
param suffix string
param topic string
@description('Only identities may connect.')
param identityOnly bool

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: 'sb-sqlfleet-${suffix}'
  location: location
  tags: tags
  sku: { name: 'Standard', tier: 'Standard' }
  properties: {
    disableLocalAuth: identityOnly
    minimumTlsVersion: '1.2'
  }
}

resource runs 'Microsoft.ServiceBus/namespaces/topics@2024-01-01' = {
  parent: namespace
  name: topic
  properties: {
    // A target that is sent twice, because an answer got lost, is kept once.
    requiresDuplicateDetection: true
    duplicateDetectionHistoryTimeWindow: 'PT10M'
    defaultMessageTimeToLive: 'P14D'
    maxSizeInMegabytes: 5120
  }
}

// Manage, because a run makes its own subscription; the administration client signs for the whole namespace.
resource rule 'Microsoft.ServiceBus/namespaces/AuthorizationRules@2024-01-01' = if (!identityOnly) {
  parent: namespace
  name: 'sqlfleet'
  properties: { rights: ['Listen', 'Send', 'Manage'] }
}

output namespaceName string = namespace.name
output host string = '${namespace.name}.servicebus.windows.net'
output topicName string = runs.name
output ruleName string = identityOnly ? '' : rule.name
