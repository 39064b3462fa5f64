// Who may do what: the whole list. Scopes are as small as the services take them.
param functionAppPrincipalId string
param workerPrincipalId string
param vaultName string
param callbackVaultName string
param hostStorageName string
param dataStorageName string
param serviceBusName string
param topic string
param eventHubsName string
param hub string
param batchName string
param registryName string
param insightsName string
param workerIdentityName string

// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
var roles = {
  keyVaultSecretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6'
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  storageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  storageBlobDataReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
  storageQueueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  storageTableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
  serviceBusDataOwner: '090c5cfd-751d-490a-894a-3ce6f1109419'
  serviceBusDataReceiver: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
  eventHubsDataReceiver: 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde'
  eventHubsDataSender: '2b629674-e913-4c01-ae53-ef4638d8f975'
  batchDataContributor: '6aaa78f1-f7de-44ca-8722-c64a23943cae'
  managedIdentityOperator: 'f1a07417-d97a-45cb-824c-7a7467783830'
  acrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d'
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
}

func roleId(role string) string => subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = { name: vaultName }

resource appWritesSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, functionAppPrincipalId, roles.keyVaultSecretsOfficer)
  properties: {
    principalId: functionAppPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleId(roles.keyVaultSecretsOfficer)
  }
}

resource workerReadsSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, workerPrincipalId, roles.keyVaultSecretsUser)
  properties: {
    principalId: workerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleId(roles.keyVaultSecretsUser)
  }
}

resource callbackVault 'Microsoft.KeyVault/vaults@2023-07-01' existing = { name: callbackVaultName }

resource appKeepsCallbackTokens 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: callbackVault
  name: guid(callbackVault.id, functionAppPrincipalId, roles.keyVaultSecretsOfficer)
  properties: {
    principalId: functionAppPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleId(roles.keyVaultSecretsOfficer)
  }
}

resource hostStorage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = { name: hostStorageName }

// AzureWebJobsStorage: keys and leases (Owner, as Functions asks), Durable's queues, instances and history.
resource appOwnsHostStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [roles.storageBlobDataOwner, roles.storageQueueDataContributor, roles.storageTableDataContributor]: {
    scope: hostStorage
    name: guid(hostStorage.id, functionAppPrincipalId, role)
    properties: {
      principalId: functionAppPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: roleId(role)
    }
  }
]

resource dataStorage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: dataStorageName
  resource blobs 'blobServices' existing = {
    name: 'default'
    resource packages 'containers' existing = { name: 'packages' }
    resource state 'containers' existing = { name: 'state' }
    resource runs 'containers' existing = { name: 'runs' }
  }
}

resource appWritesData 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [roles.storageBlobDataContributor, roles.storageTableDataContributor]: {
    scope: dataStorage
    name: guid(dataStorage.id, functionAppPrincipalId, role)
    properties: {
      principalId: functionAppPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: roleId(role)
    }
  }
]

// A worker runs packages and must not be able to change one. It has no business with the tables.
// All workers are one identity, so what a condition can say of a path is which kind of file, not whose run it is of.
// A list has no path: it fails the conditions on reading, so that none of them finds what it was not told of.
// The local stack has the same list in local/storage/roles/assignments.ts, and a test that compares.
resource workerReadsPackages 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: dataStorage::blobs::packages
  name: guid(dataStorage::blobs::packages.id, workerPrincipalId, roles.storageBlobDataReader)
  properties: {
    principalId: workerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleId(roles.storageBlobDataReader)
    conditionVersion: '2.0'
    condition: '''
      (
       (
        !(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'})
       )
       OR
       (
        @Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path] StringLike '*/content.json'
       )
      )
    '''
  }
}

// Plans and orders are for reading, lists of targets for the Function App only.
resource workerWritesState 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: dataStorage::blobs::state
  name: guid(dataStorage::blobs::state.id, workerPrincipalId, roles.storageBlobDataContributor)
  properties: {
    principalId: workerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleId(roles.storageBlobDataContributor)
    conditionVersion: '2.0'
    condition: '''
      (
       (
        !(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'})
       )
       OR
       (
        @Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path] StringLike '*/plan.json'
        OR
        @Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path] StringLike '*/control.json'
        OR
        @Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path] StringLike '*/results/*'
       )
      )
      AND
      (
       (
        !(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write'})
        AND
        !(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action'})
        AND
        !(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete'})
        AND
        !(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/move/action'})
       )
       OR
       (
        @Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path] StringLike '*/results/*'
       )
      )
    '''
  }
}

// Reports of a run are beside its logs/.
resource workerWritesLogs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: dataStorage::blobs::runs
  name: guid(dataStorage::blobs::runs.id, workerPrincipalId, roles.storageBlobDataContributor)
  properties: {
    principalId: workerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleId(roles.storageBlobDataContributor)
    conditionVersion: '2.0'
    condition: '''
      (
       (
        !(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'})
        AND
        !(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write'})
        AND
        !(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action'})
        AND
        !(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete'})
        AND
        !(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/move/action'})
       )
       OR
       (
        @Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path] StringLike '*/logs/*'
       )
      )
    '''
  }
}

resource serviceBus 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: serviceBusName
  resource runs 'topics' existing = { name: topic }
}

// Owner, because a run makes and deletes its subscription.
resource appOwnsTopics 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: serviceBus
  name: guid(serviceBus.id, functionAppPrincipalId, roles.serviceBusDataOwner)
  properties: {
    principalId: functionAppPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleId(roles.serviceBusDataOwner)
  }
}

resource workerReceivesTargets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: serviceBus::runs
  name: guid(serviceBus::runs.id, workerPrincipalId, roles.serviceBusDataReceiver)
  properties: {
    principalId: workerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleId(roles.serviceBusDataReceiver)
  }
}

resource eventHubs 'Microsoft.EventHub/namespaces@2024-01-01' existing = {
  name: eventHubsName
  resource events 'eventhubs' existing = { name: hub }
}

resource appReceivesEvents 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: eventHubs::events
  name: guid(eventHubs::events.id, functionAppPrincipalId, roles.eventHubsDataReceiver)
  properties: {
    principalId: functionAppPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleId(roles.eventHubsDataReceiver)
  }
}

resource workerSendsEvents 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: eventHubs::events
  name: guid(eventHubs::events.id, workerPrincipalId, roles.eventHubsDataSender)
  properties: {
    principalId: workerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleId(roles.eventHubsDataSender)
  }
}

resource batch 'Microsoft.Batch/batchAccounts@2024-07-01' existing = { name: batchName }

// Pools (management plane) and jobs (data plane), but not the account.
resource appRunsBatch 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: batch
  name: guid(batch.id, functionAppPrincipalId, roles.batchDataContributor)
  properties: {
    principalId: functionAppPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleId(roles.batchDataContributor)
  }
}

resource workerIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: workerIdentityName
}

// To give a pool this identity one must be allowed to assign it.
resource appAssignsWorkerIdentity 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: workerIdentity
  name: guid(workerIdentity.id, functionAppPrincipalId, roles.managedIdentityOperator)
  properties: {
    principalId: functionAppPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleId(roles.managedIdentityOperator)
  }
}

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = { name: registryName }

resource nodesPullImage 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: registry
  name: guid(registry.id, workerPrincipalId, roles.acrPull)
  properties: {
    principalId: workerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleId(roles.acrPull)
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = { name: insightsName }

resource appSendsTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, functionAppPrincipalId, roles.monitoringMetricsPublisher)
  properties: {
    principalId: functionAppPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleId(roles.monitoringMetricsPublisher)
  }
}
