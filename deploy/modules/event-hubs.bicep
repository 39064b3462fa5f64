param location string
param tags object
param suffix string
param hub string
@description('Only identities may connect.')
param identityOnly bool

resource namespace 'Microsoft.EventHub/namespaces@2024-01-01' = {
  name: 'evh-sqlfleet-${suffix}'
  location: location
  tags: tags
  // One unit takes in 1,000 events a second; a target needs two or three.
  sku: { name: 'Standard', tier: 'Standard', capacity: 1 }
  properties: {
    disableLocalAuth: identityOnly
    minimumTlsVersion: '1.2'
    isAutoInflateEnabled: true
    maximumThroughputUnits: 4
  }
}

resource events 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' = {
  parent: namespace
  name: hub
  properties: { partitionCount: 4, messageRetentionInDays: 1 }
}

// $Default, which the trigger reads, is there by itself; this one is for people who want to look on.
resource onlookers 'Microsoft.EventHub/namespaces/eventhubs/consumergroups@2024-01-01' = {
  parent: events
  name: 'onlookers'
}

// For workers, which only send.
resource rule 'Microsoft.EventHub/namespaces/eventhubs/authorizationRules@2024-01-01' = if (!identityOnly) {
  parent: events
  name: 'workers'
  properties: { rights: ['Send'] }
}

output namespaceName string = namespace.name
output host string = '${namespace.name}.servicebus.windows.net'
output hubName string = events.name
output ruleName string = identityOnly ? '' : rule.name
