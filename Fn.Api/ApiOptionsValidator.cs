using Microsoft.Extensions.Options;

namespace Fn.Api;

/// <summary>What attributes cannot say of <see cref="ApiOptions"/>.</summary>
internal sealed class ApiOptionsValidator(IConfiguration configuration) : IValidateOptions<ApiOptions>
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

    // Values stay out of the messages: they are secrets.
    private void CheckTokens(IList<string> tokens, string name, ValidateOptionsResultBuilder problems)
    {
        var key = $"{ApiOptions.Section}:{name}";
        if (tokens.Any(token => token.AsSpan().ContainsAnyExceptInRange('!', '~')))
            problems.AddError($"{key} has a token with other than visible ASCII characters.");
        // An entry without a value is no entry to the binder. Here it is a token that somebody meant to give (a variable that was not set), and without it
        // the gateway would be open.
        foreach (var entry in configuration.GetSection(key).GetChildren().Where(entry => string.IsNullOrEmpty(entry.Value)))
            problems.AddError($"{entry.Path} is empty: give a token or leave the key out.");
    }

    private static bool IsBase(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0;
}
