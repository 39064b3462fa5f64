// Secrets mode: the keys the product was told to keep, copied from service to vault inside Azure, never through the
// hands of whoever deploys. UserName and Password come later, by PUT /api/secrets.
param vaultName string
param storageName string
param serviceBusName string
param serviceBusRule string
param eventHubsName string
param hub string
param eventHubsRule string
param batchName string

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = { name: vaultName }
resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = { name: storageName }
resource batch 'Microsoft.Batch/batchAccounts@2024-07-01' existing = { name: batchName }

resource serviceBus 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: serviceBusName
  resource rule 'AuthorizationRules' existing = { name: serviceBusRule }
}

resource eventHubs 'Microsoft.EventHub/namespaces@2024-01-01' existing = {
  name: eventHubsName
  resource events 'eventhubs' existing = {
    name: hub
    resource rule 'authorizationRules' existing = { name: eventHubsRule }
  }
}

resource storageAccount 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'StorageAccountName'
  properties: { value: storage.name }
}

resource storageKey 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'StorageAccountKey'
  properties: { value: storage.listKeys().keys[0].value }
}

resource serviceBusConnection 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'ServiceBusTopicConnectionString'
  properties: { value: serviceBus::rule.listKeys().primaryConnectionString }
}

resource eventHubConnection 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'EventHubConnectionString'
  properties: { value: eventHubs::events::rule.listKeys().primaryConnectionString }
}

resource batchKey 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'BatchAccountKey'
  properties: { value: batch.listKeys().primary }
}
