// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// A token with the habits of USDT on Ethereum: transfer, transferFrom and approve return nothing, six decimals, an
// owner who can pause, block an account, and take a fee (0 until it is set).
contract UsdtLike {
    string public constant name = "Demo Dollar";
    string public constant symbol = "USDX";
    uint8 public constant decimals = 6;

    address public owner;
    bool public paused;
    uint256 public totalSupply;
    uint256 public feeBasisPoints;
    uint256 public maximumFee;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    mapping(address => bool) public isBlackListed;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    modifier onlyOwner() {
        require(msg.sender == owner, "not the owner");
        _;
    }

    constructor(uint256 supply) {
        owner = msg.sender;
        totalSupply = supply;
        balanceOf[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function transfer(address to, uint256 value) external {
        move(msg.sender, to, value);
    }

    function transferFrom(address from, address to, uint256 value) external {
        uint256 allowed = allowance[from][msg.sender];
        require(allowed >= value, "allowance too small");
        if (allowed != type(uint256).max) allowance[from][msg.sender] = allowed - value;
        move(from, to, value);
    }

    // As the original: a standing allowance must be taken back before another is given.
    function approve(address spender, uint256 value) external {
        require(value == 0 || allowance[msg.sender][spender] == 0, "take the old allowance back first");
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
    }

    function move(address from, address to, uint256 value) private {
        require(!paused, "paused");
        require(!isBlackListed[from], "the sender is blocked");
        require(to != address(0), "no recipient");
        require(balanceOf[from] >= value, "balance too small");
        uint256 fee = value * feeBasisPoints / 10000;
        if (fee > maximumFee) fee = maximumFee;
        balanceOf[from] -= value;
        balanceOf[to] += value - fee;
        emit Transfer(from, to, value - fee);
        if (fee > 0) {
            balanceOf[owner] += fee;
            emit Transfer(from, owner, fee);
        }
    }

    function setPaused(bool value) external onlyOwner {
        paused = value;
    }

    function setBlackListed(address account, bool value) external onlyOwner {
        isBlackListed[account] = value;
    }

    function setFee(uint256 basisPoints, uint256 maximum) external onlyOwner {
        require(basisPoints <= 20 && maximum <= 50 * 10 ** decimals, "fee too high");
        feeBasisPoints = basisPoints;
        maximumFee = maximum;
    }
}
