param location string
param tags object
param suffix string
@description('Of Node on Flex Consumption: az functionapp list-flexconsumption-runtimes --runtime node')
param nodeVersion string
param identityId string
param identityClientId string
param hostStorageName string
param deploymentContainerUrl string
param insightsConnectionString string
param eventHubsHost string
@description('Empty: no network.')
param subnetId string
@description('What model/settings.ts reads.')
param settings object

// Read by the Functions host, not by sqlfleet: docs/verification.md tells where each is documented. Runtime and
// version are no settings on Flex Consumption; they are below.
var hostSettings = {
  AzureWebJobsStorage__accountName: hostStorageName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  EventHubConnection__fullyQualifiedNamespace: eventHubsHost
  EventHubConnection__credential: 'managedidentity'
  EventHubConnection__clientId: identityClientId
  FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '209715200'
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-sqlfleet-${suffix}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'func-sqlfleet-${suffix}'
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: { instanceMemoryMB: 2048, maximumInstanceCount: 40 }
      runtime: { name: 'node', version: nodeVersion }
    }
  }

  resource appSettings 'config' = {
    name: 'appsettings'
    properties: union(hostSettings, settings)
  }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}/api'
