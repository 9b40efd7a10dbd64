using Microsoft.Extensions.Options;

namespace Fn.Runner;

internal sealed class RunnerOptionsValidator : IValidateOptions<RunnerOptions>
{
    public ValidateOptionsResult Validate(string? name, RunnerOptions options)
    {
        var address = options.AdvertiseAddress;
        var ok = address is null
            || (Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri is { Scheme: "http", PathAndQuery: "/", Fragment: "", UserInfo: "" });
        return ok ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(
            $"{RunnerOptions.Section}:{nameof(RunnerOptions.AdvertiseAddress)} is '{address}': allowed is http://HOST:PORT, for instance http://10.0.0.5:8081; empty for none");
    }
}
