# Puts another environment's origins ($to, its output `runbook.stand_in`) into a distribution's configuration, as
# `aws cloudfront get-distribution-config` tells it and `update-distribution` takes it. RUNBOOK.md, "The region is lost".
.DistributionConfig
| [.Origins.Items[].Id] as $ids
| if ($ids | sort) != ["api", "assets"] then error("the distribution has the origins \($ids); there must be api and assets") else . end
| (.Origins.Items[] | select(.Id == "api")) |= (.DomainName = $to.api_domain | .VpcOriginConfig.VpcOriginId = $to.vpc_origin_id)
| (.Origins.Items[] | select(.Id == "assets")).DomainName = $to.assets_domain
