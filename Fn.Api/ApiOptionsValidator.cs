using Microsoft.Extensions.Options;

namespace Fn.Api;

/// <summary>What attributes cannot say of <see cref="ApiOptions"/>.</summary>
internal sealed class ApiOptionsValidator : IValidateOptions<ApiOptions>
{
    public ValidateOptionsResult Validate(string? name, ApiOptions options)
    {
        var problems = new ValidateOptionsResultBuilder();
        CheckTokens(options.Tokens, nameof(ApiOptions.Tokens), problems);
        CheckTokens(options.InvokeTokens, nameof(ApiOptions.InvokeTokens), problems);
        if (options.InvokeTokens.Count > 0 && options.Tokens.Count == 0)
            problems.AddError(
                $"{ApiOptions.Section}:{nameof(ApiOptions.InvokeTokens)} is set but {ApiOptions.Section}:{nameof(ApiOptions.Tokens)} is not: "
                + "invoking would need a token and management none.");
        if (options.PublicUrl is { Length: > 0 } url && !IsBase(url))
            problems.AddError($"{ApiOptions.Section}:{nameof(ApiOptions.PublicUrl)} must be an http or https URL without query, not \"{url}\".");
        return problems.Build();
    }

    private static void CheckTokens(IList<string> tokens, string key, ValidateOptionsResultBuilder problems)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            // The value itself stays out of the message: it is a secret.
            if (string.IsNullOrEmpty(tokens[i]) || tokens[i].AsSpan().ContainsAnyExceptInRange('!', '~'))
                problems.AddError($"{ApiOptions.Section}:{key}:{i} must be one or more visible ASCII characters.");
        }
    }

    private static bool IsBase(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0;
}
