using Microsoft.Extensions.Options;

namespace Fn.Api.Dashboard;

/// <summary>What attributes cannot say of <see cref="DashboardOptions"/>.</summary>
internal sealed class DashboardOptionsValidator : IValidateOptions<DashboardOptions>
{
    public ValidateOptionsResult Validate(string? name, DashboardOptions options)
    {
        if (string.IsNullOrEmpty(options.TraceUrl))
            return ValidateOptionsResult.Success;
        const string key = $"{DashboardOptions.Section}:{nameof(DashboardOptions.TraceUrl)}";
        if (!options.TraceUrl.Contains(DashboardOptions.TraceIdPlace, StringComparison.Ordinal))
            return ValidateOptionsResult.Fail($"{key} must have {DashboardOptions.TraceIdPlace} where the trace's id goes, and \"{options.TraceUrl}\" has not.");
        // It becomes a link: a scheme that runs something has no place in it.
        return Uri.TryCreate(options.LinkTo("0"), UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"{key} must be an http or https URL, not \"{options.TraceUrl}\".");
    }
}
