// The cluster. What the Function App may do inside is a Kubernetes Role of one namespace (deploy/kubernetes), so
// authorization stays with Kubernetes, and Entra ID only says who is calling.
param location string
param tags object
param suffix string
param vmSize string
param maxNodes int
@description('Entra ID groups that administer the cluster. Without any, its local administrator account is kept.')
param adminGroupIds array
@description('Its subnet `pods` takes the nodes. Empty: a network of its own.')
param networkName string
param registryName string
param functionAppPrincipalId string
param workerIdentityName string
@description('The workers\' service account, whose tokens stand for the worker identity.')
param namespace string
param serviceAccount string

var roles = {
  acrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d'
  clusterUser: '4abbcc35-e782-43d8-92c5-2d3f1bd2253f'
  networkContributor: '4d97b98b-1d4f-4787-a291-c67834d212e7'
}

func roleId(role string) string => subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)

resource cluster 'Microsoft.ContainerService/managedClusters@2024-09-01' = {
  name: 'aks-sqlfleet-${suffix}'
  location: location
  tags: tags
  sku: { name: 'Base', tier: 'Free' }
  identity: { type: 'SystemAssigned' }
  properties: {
    dnsPrefix: 'sqlfleet-${suffix}'
    enableRBAC: true
    disableLocalAccounts: !empty(adminGroupIds)
    aadProfile: {
      managed: true
      enableAzureRBAC: false
      adminGroupObjectIDs: adminGroupIds
    }
    oidcIssuerProfile: { enabled: true }
    securityProfile: { workloadIdentity: { enabled: true } }
    addonProfiles: {
      // For KUBERNETES_SECRETS=csi.
      azureKeyvaultSecretsProvider: { enabled: true }
    }
    networkProfile: {
      networkPlugin: 'azure'
      networkPluginMode: 'overlay'
      loadBalancerSku: 'standard'
    }
    agentPoolProfiles: [
      union(
        {
          name: 'system'
          mode: 'System'
          type: 'VirtualMachineScaleSets'
          osType: 'Linux'
          vmSize: vmSize
          count: 1
          minCount: 1
          maxCount: maxNodes
          enableAutoScaling: true
        },
        empty(networkName) ? {} : { vnetSubnetID: subnet.id }
      )
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-01-01' existing = {
  name: empty(networkName) ? 'none' : networkName
}

resource subnet 'Microsoft.Network/virtualNetworks/subnets@2024-01-01' existing = {
  parent: network
  name: 'pods'
}

// For its load balancer and routes.
resource joinSubnet 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(networkName)) {
  scope: subnet
  name: guid(subnet.id, cluster.id, roles.networkContributor)
  properties: {
    principalId: cluster.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleId(roles.networkContributor)
  }
}

resource worker 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: workerIdentityName
}

resource federation 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2023-01-31' = {
  parent: worker
  name: 'aks'
  properties: {
    issuer: cluster.properties.oidcIssuerProfile.issuerURL
    subject: 'system:serviceaccount:${namespace}:${serviceAccount}'
    audiences: ['api://AzureADTokenExchange']
  }
}

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = { name: registryName }

// For the nodes: pods do not pull their own image.
resource pull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: registry
  name: guid(registry.id, cluster.id, roles.acrPull)
  properties: {
    principalId: cluster.properties.identityProfile.kubeletidentity.objectId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleId(roles.acrPull)
  }
}

// To ask where the API server is, and which authority it is trusted by. What may be done there Kubernetes decides.
resource find 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: cluster
  name: guid(cluster.id, functionAppPrincipalId, roles.clusterUser)
  properties: {
    principalId: functionAppPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleId(roles.clusterUser)
  }
}

output name string = cluster.name
