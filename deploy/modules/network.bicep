// For databases behind a private endpoint or a firewall that lets in a network's addresses. Peer it, or put the
// databases' private endpoints into it. Without it everything goes over Azure's public endpoints, with TLS.
param location string
param tags object
param suffix string
param functionAppPrincipalId string

var roles = {
  networkContributor: '4d97b98b-1d4f-4787-a291-c67834d212e7'
}

func roleId(role string) string => subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)

resource network 'Microsoft.Network/virtualNetworks@2024-01-01' = {
  name: 'vnet-sqlfleet-${suffix}'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['10.61.0.0/16'] }
    subnets: [
      {
        name: 'functions'
        properties: {
          addressPrefix: '10.61.0.0/24'
          // What Flex Consumption asks for.
          delegations: [{ name: 'functions', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      { name: 'pods', properties: { addressPrefix: '10.61.16.0/20' } }
      // Of the Batch pool: without a delegation, which would have its nodes refused.
      { name: 'nodes', properties: { addressPrefix: '10.61.32.0/20' } }
      { name: 'endpoints', properties: { addressPrefix: '10.61.1.0/24' } }
    ]
  }
}

resource nodes 'Microsoft.Network/virtualNetworks/subnets@2024-01-01' existing = {
  parent: network
  name: 'nodes'
}

// Who makes a pool in a subnet must be allowed to join it.
resource appJoinsNodes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: nodes
  name: guid(nodes.id, functionAppPrincipalId, roles.networkContributor)
  properties: {
    principalId: functionAppPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleId(roles.networkContributor)
  }
}

output name string = network.name
output functionsSubnetId string = '${network.id}/subnets/functions'
output nodesSubnetId string = nodes.id
