// Everything both flows need, in one resource group. `azd up` runs it; so does
//   az deployment sub create --location westeurope --template-file deploy/main.bicep --parameters environmentName=…
targetScope = 'subscription'

@description('Names the resource group rg-{environmentName}, and makes the other names unique.')
@minLength(1)
@maxLength(40)
param environmentName string

param location string

@description('Only identities: no account key, no connection string anywhere. Secrets mode keeps them in the Key Vault.')
param identityOnly bool = true

@description('Makes the AKS cluster. Its nodes cost money for as long as they are there.')
param deployKubernetes bool = true

@description('Puts the Function App, the Batch nodes and the cluster into a network of their own, for databases that are not public.')
param deployNetwork bool = false

@description('fixed: the pool keeps the nodes of the largest run until the cleanup. autoscale: as many as there is work for.')
@allowed(['fixed', 'autoscale'])
param batchScale string = 'fixed'
@description('With autoscale: the most nodes.')
@minValue(1)
param batchMaxNodes int = 100
@description('How many of a hundred nodes are spot nodes. Azure gives them to Batch accounts in user subscription mode.')
@minValue(0)
@maxValue(100)
param batchSpotPercent int = 0

@description('registry/repository:tag of the worker. Empty: sqlfleet-worker of the registry made here, with workerTag.')
param workerImage string = ''
@description('A tag per version: nodes that are there keep the image they pulled.')
param workerTag string = 'latest'

@description('Hosts the fleet\'s password may be sent to, separated by commas; * for any part of a name.')
param sqlServerAllowList string = '*.database.windows.net'

@description('Of the account with packages, logs and result records.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageSku string = 'Standard_ZRS'

param batchVmSize string = 'Standard_D2s_v5'

param kubernetesVmSize string = 'Standard_D2s_v5'
@minValue(1)
@maxValue(100)
param kubernetesMaxNodes int = 5
@description('Entra ID groups that administer the cluster. Without any, its local administrator account is kept.')
param kubernetesAdminGroupIds array = []
param kubernetesNamespace string = 'sqlfleet'
param kubernetesServiceAccount string = 'sqlfleet-worker'

param nodeVersion string = '24'

var tags = { 'azd-env-name': environmentName }
var suffix = take(uniqueString(subscription().id, environmentName, location), 10)
var topic = 'sqlfleet'
var hub = 'sqlfleet'

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identities 'modules/identities.bicep' = {
  name: 'identities'
  scope: group
  params: { location: location, tags: tags, suffix: suffix }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: { location: location, tags: tags, suffix: suffix }
}

module vault 'modules/key-vault.bicep' = {
  name: 'vault'
  scope: group
  params: { location: location, tags: tags, suffix: suffix, prefix: 'kv-sqlfleet' }
}

// Tokens of pipelines that wait for a run. Apart, because a role on a vault reads all of it, and workers have one there.
module callbackVault 'modules/key-vault.bicep' = {
  name: 'callback-vault'
  scope: group
  params: { location: location, tags: tags, suffix: suffix, prefix: 'kv-callback' }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: { location: location, tags: tags, suffix: suffix, identityOnly: identityOnly, sku: storageSku }
}

module serviceBus 'modules/service-bus.bicep' = {
  name: 'service-bus'
  scope: group
  params: { location: location, tags: tags, suffix: suffix, identityOnly: identityOnly, topic: topic }
}

module eventHubs 'modules/event-hubs.bicep' = {
  name: 'event-hubs'
  scope: group
  params: { location: location, tags: tags, suffix: suffix, identityOnly: identityOnly, hub: hub }
}

module batch 'modules/batch.bicep' = {
  name: 'batch'
  scope: group
  params: { location: location, tags: tags, suffix: suffix, identityOnly: identityOnly }
}

module registry 'modules/registry.bicep' = {
  name: 'registry'
  scope: group
  params: { location: location, tags: tags, suffix: suffix }
}

module network 'modules/network.bicep' = if (deployNetwork) {
  name: 'network'
  scope: group
  params: {
    location: location
    tags: tags
    suffix: suffix
    functionAppPrincipalId: identities.outputs.functionApp.principalId
  }
}

module kubernetes 'modules/kubernetes.bicep' = if (deployKubernetes) {
  name: 'kubernetes'
  scope: group
  params: {
    location: location
    tags: tags
    suffix: suffix
    vmSize: kubernetesVmSize
    maxNodes: kubernetesMaxNodes
    adminGroupIds: kubernetesAdminGroupIds
    networkName: deployNetwork ? network!.outputs.name : ''
    registryName: registry.outputs.name
    functionAppPrincipalId: identities.outputs.functionApp.principalId
    workerIdentityName: identities.outputs.worker.name
    namespace: kubernetesNamespace
    serviceAccount: kubernetesServiceAccount
  }
}

module roles 'modules/roles.bicep' = {
  name: 'roles'
  scope: group
  params: {
    functionAppPrincipalId: identities.outputs.functionApp.principalId
    workerPrincipalId: identities.outputs.worker.principalId
    workerIdentityName: identities.outputs.worker.name
    vaultName: vault.outputs.name
    callbackVaultName: callbackVault.outputs.name
    hostStorageName: storage.outputs.hostName
    dataStorageName: storage.outputs.dataName
    serviceBusName: serviceBus.outputs.namespaceName
    topic: serviceBus.outputs.topicName
    eventHubsName: eventHubs.outputs.namespaceName
    hub: eventHubs.outputs.hubName
    batchName: batch.outputs.name
    registryName: registry.outputs.name
    insightsName: monitoring.outputs.insightsName
  }
}

module secrets 'modules/secrets.bicep' = if (!identityOnly) {
  name: 'secrets'
  scope: group
  params: {
    vaultName: vault.outputs.name
    storageName: storage.outputs.dataName
    serviceBusName: serviceBus.outputs.namespaceName
    serviceBusRule: serviceBus.outputs.ruleName
    eventHubsName: eventHubs.outputs.namespaceName
    hub: eventHubs.outputs.hubName
    eventHubsRule: eventHubs.outputs.ruleName
    batchName: batch.outputs.name
  }
}

var image = empty(workerImage) ? '${registry.outputs.loginServer}/sqlfleet-worker:${workerTag}' : workerImage

// Absent means: with the keys that are in the Key Vault.
var identityOnlySettings = identityOnly
  ? {
      STORAGE_ACCOUNT_NAME: storage.outputs.dataName
      SERVICE_BUS_NAMESPACE: serviceBus.outputs.host
      EVENT_HUBS_NAMESPACE: eventHubs.outputs.host
      BATCH_LOGIN: 'identity'
    }
  : {}

var kubernetesSettings = deployKubernetes
  ? {
      KUBERNETES_AUTH: 'aks'
      KUBERNETES_CLUSTER: kubernetes!.outputs.name
      KUBERNETES_NAMESPACE: kubernetesNamespace
      KUBERNETES_SERVICE_ACCOUNT: kubernetesServiceAccount
      // Only KUBERNETES_SECRETS=csi asks for it.
      AZURE_TENANT_ID: tenant().tenantId
    }
  : {}

var networkSettings = deployNetwork ? { BATCH_SUBNET_ID: network!.outputs.nodesSubnetId } : {}

module functionApp 'modules/function-app.bicep' = {
  name: 'function-app'
  scope: group
  // The app reads its storage and its triggers as soon as it starts.
  dependsOn: [roles]
  params: {
    location: location
    tags: tags
    suffix: suffix
    nodeVersion: nodeVersion
    identityId: identities.outputs.functionApp.id
    identityClientId: identities.outputs.functionApp.clientId
    hostStorageName: storage.outputs.hostName
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    insightsConnectionString: monitoring.outputs.insightsConnectionString
    eventHubsHost: eventHubs.outputs.host
    subnetId: deployNetwork ? network!.outputs.functionsSubnetId : ''
    settings: union(
      {
        AZURE_IDENTITY: 'managed'
        AZURE_CLIENT_ID: identities.outputs.functionApp.clientId
        KEY_VAULT_URL: vault.outputs.url
        CALLBACK_KEY_VAULT_URL: callbackVault.outputs.url
        STORAGE_BLOB_URL: storage.outputs.blobUrl
        STORAGE_TABLE_URL: storage.outputs.tableUrl
        SERVICE_BUS_TOPIC: serviceBus.outputs.topicName
        EVENT_HUB: eventHubs.outputs.hubName
        AZURE_SUBSCRIPTION_ID: subscription().subscriptionId
        AZURE_RESOURCE_GROUP: group.name
        BATCH_ACCOUNT_NAME: batch.outputs.name
        BATCH_ACCOUNT_URL: batch.outputs.url
        BATCH_VM_SIZE: batchVmSize
        BATCH_SCALE: batchScale
        BATCH_MAX_NODES: string(batchMaxNodes)
        BATCH_SPOT_PERCENT: string(batchSpotPercent)
        WORKER_IMAGE: image
        WORKER_IDENTITY_ID: identities.outputs.worker.id
        WORKER_IDENTITY_CLIENT_ID: identities.outputs.worker.clientId
        SQL_SERVER_ALLOW_LIST: sqlServerAllowList
      },
      identityOnlySettings,
      kubernetesSettings,
      networkSettings
    )
  }
}

// azd keeps these in its environment; the hooks in azure.yaml read them.
output AZURE_RESOURCE_GROUP string = group.name
output SQLFLEET_URL string = functionApp.outputs.url
output FUNCTION_APP_NAME string = functionApp.outputs.name
output FUNCTION_APP_PRINCIPAL_ID string = identities.outputs.functionApp.principalId
output REGISTRY_NAME string = registry.outputs.name
output WORKER_IMAGE string = image
output WORKER_TAG string = workerTag
output KEY_VAULT_NAME string = vault.outputs.name
output AKS_NAME string = deployKubernetes ? kubernetes!.outputs.name : ''
output KUBERNETES_NAMESPACE string = kubernetesNamespace
