using Microsoft.Extensions.Options;

namespace Fn.Api.Runners;

internal sealed class RunnersOptionsValidator : IValidateOptions<RunnersOptions>
{
    public ValidateOptionsResult Validate(string? name, RunnersOptions options)
    {
        var problems = new List<string>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < options.Runners.Count; i++)
        {
            var address = options.Runners[i];
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp)
                problems.Add($"{RunnersOptions.Section}:{nameof(RunnersOptions.Runners)}:{i} is '{address}', which is no absolute http address such as http://10.0.0.5:8081.");
            else if (uri.PathAndQuery != "/" || uri.Fragment.Length > 0 || uri.UserInfo.Length > 0)
                problems.Add($"{RunnersOptions.Section}:{nameof(RunnersOptions.Runners)}:{i} is '{address}'; only scheme, host and port belong there.");
            else if (!seen.Add(uri.Authority))
                problems.Add($"{RunnersOptions.Section}:{nameof(RunnersOptions.Runners)}:{i} is '{address}', which is listed before.");
        }
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
