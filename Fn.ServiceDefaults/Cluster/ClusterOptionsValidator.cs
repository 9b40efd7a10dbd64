using Microsoft.Extensions.Options;

namespace Fn.ServiceDefaults.Cluster;

internal sealed class ClusterOptionsValidator : IValidateOptions<ClusterOptions>
{
    private const int ShortestKey = 16;

    // The value is not told: it may be a part of a secret.
    public ValidateOptionsResult Validate(string? name, ClusterOptions options) => options.Key is { Length: < ShortestKey }
        ? ValidateOptionsResult.Fail($"{ClusterOptions.Section}:{nameof(ClusterOptions.Key)} is too short: allowed is a secret of at least {ShortestKey} characters; empty for none")
        : ValidateOptionsResult.Success;
}
